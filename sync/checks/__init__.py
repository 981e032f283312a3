"""What the doctor looks at, one part of the installation a module."""
