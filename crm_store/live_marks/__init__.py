"""What open pages would show differently by now, for many pages in a few queries.

A mark is short and opaque: it moves when something moves that a page shows. It holds no content, nor can any be worked
out from it. Each view has a module that says what its pages show, and a line in marks.py."""
