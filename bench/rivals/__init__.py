"""The methods that others use to tell who stays away, run side by side with ours."""
