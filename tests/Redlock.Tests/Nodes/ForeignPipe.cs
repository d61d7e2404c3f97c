using System.IO.Pipelines;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>A pipe whose reader can block, and is not the library's own: it knows no more than the surface asks for.</summary>
internal sealed class ForeignPipe(IDuplexPipe inner) : IDuplexPipe, IDisposable
{
    public PipeReader Input { get; } = new Reader((BlockingPipeReader)inner.Input);

    public PipeWriter Output => inner.Output;

    /// <summary>Dials a TCP endpoint, and hides what its pipe can.</summary>
    public static Dialer Dialing(string endpoint)
    {
        RedisEndpoint parsed = RedisEndpoint.Parse(endpoint);
        TcpDialer dialer = new(parsed.Host, parsed.Port);
        return Dialer.From(endpoint, async cancellationToken => new ForeignPipe(await dialer.DialAsync(cancellationToken)));
    }

    public void Dispose() => ((IDisposable)inner).Dispose();

    private sealed class Reader(BlockingPipeReader inner) : BlockingPipeReader
    {
        public override ReadResult Read() => inner.Read();

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            inner.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
