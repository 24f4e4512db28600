"""What `Model.profile` and `fastcnn profile` do: time a step op by op, and hold it against what the machine can do."""

from fastcnn.profiling.measure import profile_program
from fastcnn.profiling.profile import Profile, Row

__all__ = ["Profile", "Row", "profile_program"]
