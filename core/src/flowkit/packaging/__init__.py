"""The code of a run: which files it is, the archive that they make, and where that is stored.

One object for each distinct code of a flow, named by its SHA-256. ``selection`` says which files, ``archive`` makes and
opens the archive, ``memory`` remembers what an unchanged tree was, ``storing`` puts it all together.
"""
