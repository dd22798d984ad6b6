"""Compiled loops: arrays in, arrays out.

A module here imports numba, so it is imported inside the functions that run a kernel, never
at the top of another module. Every kernel has a slow twin in the tests, in plain Python or numpy.
"""
