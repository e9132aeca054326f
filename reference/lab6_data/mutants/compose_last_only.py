def compose(*transforms):
    def transform(pair):
        for each in transforms:
            result = each(pair)
        return result

    return transform
