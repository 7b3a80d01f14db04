"""A numpy that imports, makes one-dimensional arrays and adds them up."""

__version__ = "@VERSION@"


class ndarray(list):
    """A list that can be summed."""

    def sum(self):
        return sum(self)

    def mean(self):
        return sum(self) / len(self)


def array(values):
    return ndarray(values)


def arange(stop):
    return ndarray(range(stop))
