using System.IO.Pipelines;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Bench;

/// <summary>How many frames go out in one write, under load and when idle.</summary>
internal static class CoalescingSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(1);
        TcpDialer tcp = new("127.0.0.1", servers[0].Port);
        CountingPipe? counter = null;
        await using RespNode node = new(
            Dialer.From(tcp.Address, async cancellationToken => counter = new CountingPipe(await tcp.DialAsync(cancellationToken))));
        await node.WaitUntilConnectedAsync();
        await using RedlockFactory factory = new(node);
        await Load.RunAsync(factory, 1, 2000);
        long writes = counter!.Writes;
        await Load.RunAsync(factory, 1, 2000);
        report.Add("frames_per_send.c1", 2 * 2000 / (double)(counter.Writes - writes), Goal.Most(1.0));
        await Load.RunAsync(factory, 256, 50_000);
        writes = counter.Writes;
        int cycles = quick ? 50_000 : 300_000;
        double done = await Load.RunAsync(factory, 256, cycles);
        report.Add("frames_per_send.c256", 2 * done / (counter.Writes - writes), Goal.Least(8));
    }

    private sealed class CountingPipe(IDuplexPipe inner) : PipeWriter, IDuplexPipe, IDisposable
    {
        private long _writes;

        public long Writes => Interlocked.Read(ref _writes);

        public PipeReader Input => inner.Input;

        public PipeWriter Output => this;

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _writes);
            return inner.Output.WriteAsync(source, cancellationToken);
        }

        public override void Advance(int bytes) => inner.Output.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.Output.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.Output.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            inner.Output.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.Output.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Output.Complete(exception);

        public void Dispose() => ((IDisposable)inner).Dispose();
    }
}
