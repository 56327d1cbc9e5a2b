"""Pages for people: HTML made here, in their language, with a session and a form token. The API is in routes/.

A page is an endpoint of a page_router() (page_route.py, which also refuses forms that are not ours and tells errors in
words). It takes a Visitor, opens `with signed_in(visit, location_id) as session:` and answers page(session, "x.html")
or, after a form, see_other(path). Its template extends frame.html, or profile.html for a tab of the profile; texts are
marked by _() there, by reader.gettext() and say() in Python, and are translated in translations/<language>/<part>.po.
Style sheets of static/ are served as one, in the order of their names."""
