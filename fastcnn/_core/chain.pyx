# Calls that run image by image, so that what passes between them stays in a core's L2 cache.
#
#     Chain(calls, between)     calls whose tasks go image by image (Call.by_image), all over as many images
#
# A task is an image: it runs the tasks of the first call for that image, then those of the second, and so on. Arrays
# `between` are those that nothing else reads. They are never written: each thread has one image of each in its scratch
# memory, and uses it again for the next image. To that end a task runs a call with a copy of its arguments, in which
# each pointer into such an array is moved so that the image at hand lies in scratch. Pointers are found, when the chain
# is made, as the words of the arguments that are addresses inside of the array.
from libc.stdint cimport uintptr_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from fastcnn._core.call cimport Call, task_function

cdef enum:
    MOST_WORDS = 128  # of arguments
    LINE = 64


cdef struct Link:
    task_function run
    const void* arguments
    size_t argument_bytes
    Py_ssize_t tasks        # of an image
    Py_ssize_t moves, move_end


# Word number `word` of a link's arguments is an address in an array of images of `image_bytes`: image 0 is to lie at
# `place` in scratch, for the pointer that points at it.
cdef struct Move:
    Py_ssize_t word
    Py_ssize_t place, image_bytes


cdef struct ChainArgs:
    const Link* links
    const Move* moves
    Py_ssize_t count
    Py_ssize_t scratch      # bytes of it that hold images


cdef void chain_task(const void* arguments, Py_ssize_t image, char* scratch) noexcept nogil:
    cdef const ChainArgs* a = <const ChainArgs*>arguments
    cdef uintptr_t[MOST_WORDS] copy
    cdef const Link* link
    cdef const Move* move
    cdef const void* own
    cdef Py_ssize_t i, m, task
    for i in range(a.count):
        link = a.links + i
        own = link.arguments
        if link.moves < link.move_end:
            memcpy(copy, own, link.argument_bytes)
            for m in range(link.moves, link.move_end):
                move = a.moves + m
                copy[move.word] = <uintptr_t>scratch + move.place - image * move.image_bytes
            own = copy
        for task in range(image * link.tasks, (image + 1) * link.tasks):
            link.run(own, task, scratch + a.scratch)


def address_range(array):
    """The first byte of a contiguous array, and the one behind its last."""
    cdef uintptr_t start = array.ctypes.data
    return start, start + array.nbytes


cdef class Chain(Call):
    """The calls, done image by image; nothing else may read the arrays `between`."""

    cdef ChainArgs a
    cdef Link* links
    cdef Move* moves
    cdef readonly list calls

    def __init__(self, calls, between):
        self.calls = list(calls)
        images = {call.images for call in self.calls}
        if len(images) != 1 or not min(images):
            raise ValueError(f"the calls of a chain must go image by image, over as many images, received {images}")
        cdef Py_ssize_t count = images.pop(), scratch = 0
        ranges = [address_range(array) for array in between]
        places = []
        for array in between:
            places.append(scratch)
            scratch += (array.nbytes // count + LINE - 1) // LINE * LINE
        moves = [self.moves_of(call, count, ranges, places) for call in self.calls]
        self.links = <Link*>calloc(len(self.calls), sizeof(Link))
        self.moves = <Move*>calloc(max(sum(map(len, moves)), 1), sizeof(Move))
        if self.links == NULL or self.moves == NULL:
            raise MemoryError()
        cdef Py_ssize_t i, at = 0
        cdef Call call
        for i, call in enumerate(self.calls):
            self.links[i] = Link(call.run, call.arguments, call.argument_bytes, call.tasks // count, at,
                                 at + len(moves[i]))
            for word, place, image_bytes in moves[i]:
                self.moves[at] = Move(word, place, image_bytes)
                at += 1
        self.a = ChainArgs(self.links, self.moves, len(self.calls), scratch)
        reads, writes = ([array for call in self.calls for array in arrays(call) if not lies_in(array, ranges)]
                         for arrays in (lambda call: call.reads, lambda call: call.writes))
        self.prepare(chain_task, &self.a, count, scratch + max(call.scratch for call in self.calls),
                     sum(call.work for call in self.calls), tuple(reads), tuple(writes))

    def __dealloc__(self):
        free(self.links)
        free(self.moves)

    def moves_of(self, Call call, Py_ssize_t images, ranges, places):
        """(word, place, bytes of an image) for each pointer of the call's arguments into one of the ranges."""
        cdef Py_ssize_t count = call.argument_bytes // sizeof(uintptr_t)
        if count > MOST_WORDS:
            raise ValueError(f"arguments of a call in a chain may take {MOST_WORDS} words, received {count}")
        cdef const uintptr_t* words = <const uintptr_t*>call.arguments
        found = []
        for word in range(count):
            address = words[<Py_ssize_t>word]
            for (start, end), place in zip(ranges, places):
                if start <= address < end:
                    found.append((word, place + (address - start), (end - start) // images))
        return found


def lies_in(array, ranges):
    """Whether an array is, or is part of, one of those that have these address ranges."""
    first, last = address_range(array)
    return any(start <= first and last <= end for start, end in ranges)
