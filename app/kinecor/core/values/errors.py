"""The one error a reader may meet: what was expected, what came, what to do."""


class KinecorError(Exception):
    """A refusal in one clear sentence, fit to be shown as it is.

    Raised wherever a file, a value or a request cannot be used. Its text names what was expected, what came
    and what to do; it never holds a traceback or a class name.
    """
