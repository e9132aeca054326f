raise RuntimeError("a file beside a submission was imported")
