using System.IO.Pipelines;

namespace Redlock.Fast.Resp;

/// <summary>Any readable and writable <see cref="Stream"/> as the pipe of a connection.</summary>
/// <remarks>
/// It owns the stream: disposing it closes the stream, and so does completing either end. Disposing is safe while a read is
/// pending: that read fails, or ends as if the peer had closed. Completing is not: it gives the read's buffer back to the pool.
/// </remarks>
public sealed class StreamDuplexPipe : IDuplexPipe, IDisposable, IAsyncDisposable
{
    private readonly Stream _stream;

    /// <summary>Takes over a stream that can be read while it is being written.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="stream"/> cannot be both read and written.</exception>
    public StreamDuplexPipe(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead || !stream.CanWrite)
        {
            throw new ArgumentException("The stream must be readable and writable.", nameof(stream));
        }

        _stream = stream;
        Input = PipeReader.Create(stream);
        Output = PipeWriter.Create(stream);
    }

    /// <summary>What the other side sends.</summary>
    public PipeReader Input { get; }

    /// <summary>What is sent to the other side; bytes leave at the flush.</summary>
    public PipeWriter Output { get; }

    /// <summary>Closes the stream. Bytes not flushed are dropped.</summary>
    /// <remarks>The ends are not completed: completing the writer would flush, and a peer that stopped reading could block it.</remarks>
    public void Dispose() => _stream.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
