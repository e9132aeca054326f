"""Courses and labs made of files: new ones from templates, starters from solutions, zips for students.

`regions` leaves out of a text what students are to write, `starters` does so with a solution, a notebook by `cells`;
`handouts` packs what students get, `leaks` looks that nothing else is in it, and `links` where its README
leads; `templates` is what new courses and labs are made of. Nothing here runs anybody's code.
"""
