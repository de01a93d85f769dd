// Where a process for one stream has its end of the socket for the bytes, and the client's connection where that was handed to it. Descriptors of
// their own: the first three may be changed by whatever a process loads.
export const BYTES_DESCRIPTOR = 4;
export const CONNECTION_DESCRIPTOR = 5;
