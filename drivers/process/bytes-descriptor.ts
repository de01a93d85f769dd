// Where a process for one stream has its end of the socket for the bytes. A descriptor of its own: reads and writes of it wait in the kernel,
// which the first three are not sure to do, since whatever a process loads may make those non-blocking.
export const BYTES_DESCRIPTOR = 4;
