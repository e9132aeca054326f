def compose(*transforms):
    def transform(pair):
        for each in reversed(transforms):
            pair = each(pair)
        return pair

    return transform
