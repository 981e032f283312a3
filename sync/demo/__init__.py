"""The whole job in under a minute, on real purchase histories and against a stand-in for Zoho.

``cdnow_sample.csv`` holds dates and amounts of 2,357 customers of the CDNOW panel (the 1/10 sample of
Fader and Hardie, as shipped in the Python package ``lifetimes``). Names, industries and owners are
made up here.

The showroom beside it is a small company that is made up altogether, in which every class occurs.
"""
