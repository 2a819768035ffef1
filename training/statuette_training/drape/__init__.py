"""Cloth that hangs: garments cut from grids of threads, draped over a posed person by native/drape.c. Metres."""
