using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>A pipe reader that can also wait for bytes by blocking the calling thread.</summary>
/// <remarks>
/// A connection prefers the blocking read, on a thread of its own: it saves a hop to the thread pool
/// and keeps replies coming while every pool thread is busy.
/// </remarks>
public abstract class BlockingPipeReader : PipeReader
{
    /// <summary>Blocks until there are bytes that were not examined yet, or the end of the stream.</summary>
    /// <returns>The unread bytes; end the read with <see cref="PipeReader.AdvanceTo(SequencePosition, SequencePosition)"/>.</returns>
    /// <exception cref="IOException">The transport failed.</exception>
    /// <exception cref="ObjectDisposedException">The pipe was disposed, which is how another thread ends this call.</exception>
    public abstract ReadResult Read();
}
