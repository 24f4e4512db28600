# A batch of PNG files read, decoded and resized into float32 without Python's lock.
#
#     read_pngs(paths, height, width, ..., y) -> the files that are something else
#
# All files must be of one size and of a common kind: 8 bits, gray or in colour, not interlaced. Every other one, and
# whatever is damaged, is left to the caller. zlib's `uncompress` is taken from the system's library, if there is one.
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcmp, memmove
from posix.fcntl cimport O_CLOEXEC, O_RDONLY
from posix.fcntl cimport open as open_file
from posix.stat cimport fstat, struct_stat
from posix.unistd cimport close, read

from fastcnn._core.buffer cimport f32
from fastcnn._core.kernels cimport kernel_table, table
from fastcnn._core.pixels cimport Axis, Image, image_between, resample_image

ctypedef int (*uncompress_function)(uint8_t*, unsigned long*, const uint8_t*, unsigned long) noexcept nogil

cdef enum:
    IHDR = 0x49484452
    IDAT = 0x49444154
    IEND = 0x49454E44
    TRNS = 0x74524E53
    LARGEST = 1 << 28  # bytes of a file


cdef struct Block:
    uint8_t* data
    size_t room


cdef struct Reader:
    const kernel_table* kernels
    uncompress_function uncompress
    Py_ssize_t height, width, crop_top, crop_left
    Image image
    Block file, pixels


cdef bint has_room(Block* block, size_t size) noexcept nogil:
    cdef void* data
    if size <= block.room:
        return True
    data = realloc(block.data, size)
    if data == NULL:
        return False
    block.data, block.room = <uint8_t*>data, size
    return True


cdef Py_ssize_t read_file(const char* path, Block* block) noexcept nogil:
    """The length of a file, which is now in the block; -1 where it cannot be read."""
    cdef struct_stat status
    cdef Py_ssize_t size = -1, got = 0, more
    cdef int file = open_file(path, O_RDONLY | O_CLOEXEC)
    if file < 0:
        return -1
    if fstat(file, &status) == 0 and 0 < status.st_size < LARGEST and has_room(block, status.st_size):
        size = status.st_size
        while got < size:
            more = read(file, block.data + got, size - got)
            if more <= 0:
                size = -1
            got += more
    close(file)
    return size


cdef uint32_t number_at(const uint8_t* p) noexcept nogil:
    return (<uint32_t>p[0] << 24) | (<uint32_t>p[1] << 16) | (<uint32_t>p[2] << 8) | p[3]


cdef int bytes_of_pixel(const uint8_t* header) noexcept nogil:
    """Of an image with this header, the body of the first chunk; 0 for kinds that are not read here."""
    if header[8] != 8 or header[10] or header[11] or header[12]:
        return 0
    if header[9] == 0:
        return 1
    if header[9] == 2:
        return 3
    if header[9] == 4:
        return 2
    return 4 if header[9] == 6 else 0


cdef Py_ssize_t join_bodies(uint8_t* file, Py_ssize_t size, Py_ssize_t* first) noexcept nogil:
    """The length of the compressed data, whose parts are joined from `first` on; 0 where the chunks are wrong."""
    cdef Py_ssize_t position = 8, end = 0
    cdef uint32_t length, kind
    while position + 12 <= size:
        length, kind = number_at(file + position), number_at(file + position + 4)
        if length > size - position - 12 or kind == TRNS:
            return 0
        if kind == IEND:
            return end - first[0] if end else 0
        if kind == IDAT:
            if not end:
                first[0] = end = position + 8
            memmove(file + end, file + position + 8, length)
            end += length
        position += 12 + <Py_ssize_t>length
    return 0


cdef bint read_png(Reader* r, const char* path, float* y) noexcept nogil:
    """Whether the image was read into y."""
    cdef Py_ssize_t size = read_file(path, &r.file), first = 0, row, step, line, body
    cdef uint8_t* file = r.file.data
    cdef unsigned long wanted, got
    if size < 33 or memcmp(file, b"\x89PNG\r\n\x1a\n", 8) or number_at(file + 8) != 13 or number_at(file + 12) != IHDR:
        return False
    step = bytes_of_pixel(file + 16)
    if number_at(file + 16) != r.width or number_at(file + 20) != r.height:
        return False
    if not step or (r.image.columns.channels == 4 and step < 4) or (r.image.columns.channels == 1 and step > 2):
        return False
    line = r.width * step + 1
    wanted = got = <unsigned long>(r.height * line)
    body = join_bodies(file, size, &first)
    if not body or not has_room(&r.pixels, wanted):
        return False
    if r.uncompress(r.pixels.data, &got, file + first, <unsigned long>body) != 0 or got != wanted:
        return False
    for row in range(r.height):
        if r.pixels.data[row * line] > 4:
            return False
    r.kernels.png_unfilter(r.height, line - 1, step, r.pixels.data)
    r.image.pixels = r.pixels.data + 1 + r.crop_top * line + r.crop_left * step
    r.image.line, r.image.columns.step, r.image.y = line, step, y
    return resample_image(r.kernels, &r.image) == 0


def read_pngs(list paths, size_t uncompress, Py_ssize_t height, Py_ssize_t width, Py_ssize_t crop_top,
              Py_ssize_t crop_left, Axis rows, Axis columns, y, Py_ssize_t top=0, Py_ssize_t left=0):
    """Read images into y.

    Args:
        paths: names of files, as bytes.
        uncompress: the address of zlib's function.
        height, width: size of the images; all others are left.
        crop_top, crop_left: where the part begins that is used.
        rows, columns: how its axes are resampled.
        y: float32 (paths, height, width, channels).
        top, left: where images begin in it.

    Returns:
        The numbers of the files that were left.
    """
    cdef Reader r
    cdef Py_ssize_t number, count = len(paths), out_height, out_width, channels, each
    cdef float* out = f32(y)
    cdef const char** names
    cdef uint8_t* done
    count, out_height, out_width, channels = y.shape
    if count != len(paths) or channels not in (1, 3, 4) or min(crop_top, crop_left, top, left) < 0:
        raise ValueError(f"{len(paths)} files do not fit y of shape {y.shape}")
    if top + rows.out_length > out_height or left + columns.out_length > out_width:
        raise ValueError(f"{rows.out_length}x{columns.out_length} pixels at ({top}, {left}) do not fit {y.shape}")
    if crop_top + rows.length > height or crop_left + columns.length > width or height < 1 or width < 1:
        raise ValueError(f"a part of {rows.length}x{columns.length} pixels does not fit {height}x{width}")
    each = out_height * out_width * channels
    out += (top * out_width + left) * channels
    r.kernels, r.uncompress = table(), <uncompress_function>uncompress
    r.height, r.width, r.crop_top, r.crop_left = height, width, crop_top, crop_left
    r.image = image_between(rows, columns, out_width, channels)
    r.file.data = r.pixels.data = NULL
    r.file.room = r.pixels.room = 0
    names = <const char**>malloc(count * sizeof(char*) + 1)
    done = <uint8_t*>malloc(count + 1)
    try:
        if names == NULL or done == NULL:
            raise MemoryError()
        for number in range(count):
            names[number] = <bytes?>paths[number]
        with nogil:
            for number in range(count):
                done[number] = read_png(&r, names[number], out + number * each)
        return [number for number in range(count) if not done[number]]
    finally:
        free(r.file.data)
        free(r.pixels.data)
        free(names)
        free(done)
