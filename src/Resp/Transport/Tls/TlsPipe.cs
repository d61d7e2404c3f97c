using System.IO.Pipelines;
using System.Net.Security;

namespace Redlock.Fast.Resp;

/// <summary>A duplex pipe made directly over a TLS session on a blocking socket, after its handshake.</summary>
/// <param name="session">Over <paramref name="beneath"/>.</param>
/// <param name="beneath">The socket's stream.</param>
/// <param name="failure">Names what fails.</param>
internal sealed class TlsPipe(SslStream session, SocketStream beneath, TlsFailure failure) : IDuplexPipe, IDisposable
{
    public PipeReader Input { get; } = new TlsPipeReader(session, beneath, failure);

    public PipeWriter Output { get; } = new TlsPipeWriter(session, beneath.StopBlockingWrites(), failure);

    public void Dispose()
    {
        // The socket first: it ends the reads and writes that hold the session.
        beneath.Dispose();
        session.Dispose();
    }
}
