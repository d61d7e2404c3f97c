using System.IO.Pipelines;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

// A transport that keeps every write as it came, with the thread it came on; the test plays the server.
internal sealed class RecordingPipe : IDuplexPipe
{
    private readonly Pipe _replies = new(new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 0));
    private readonly RecordingWriter _writer = new();
    private readonly CountingReader _reader;
    private int _dials;

    public RecordingPipe() => _reader = new CountingReader(_replies.Reader);

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    public int WriteCount => _writer.Writes.Count;

    public long BytesWritten => _writer.Bytes;

    public (byte[] Bytes, int Thread)[] Writes => [.. _writer.Writes];

    public Dialer Dialer => Dialer.From("recorded", DialAsync);

    // Called in each write, before it is recorded.
    public Action<int>? OnWrite
    {
        set => _writer.OnWrite = value;
    }

    // What the newest write was given, as it is now: until that write ends it must not change.
    public ReadOnlyMemory<byte> Newest => _writer.Newest;

    // The writes from now on are taken, but end only when they are let go.
    public void Hold() => _writer.Held = new TaskCompletionSource<FlushResult>();

    public void LetGo()
    {
        TaskCompletionSource<FlushResult> held = _writer.Held!;
        _writer.Held = null;
        held.SetResult(default);
    }

    // After this many reads were answered, and the node is back at waiting for more bytes.
    public Task AtRestAfter(int reads) => Eventually.Holds(() => _reader.Started == reads + 1, $"{reads} reads are handled");

    public async Task AnswerAsync(string latin1) => await _replies.Writer.WriteAsync(Encoding.Latin1.GetBytes(latin1));

    public async Task<RespNode> ConnectAsync(RespNodeOptions? options = null)
    {
        RespNode node = new(Dialer, options);
        await Eventually.Holds(() => WriteCount == 1, "the handshake is sent");
        await AnswerAsync("+OK\r\n");
        await Eventually.Connected(node);
        await AtRestAfter(1);
        Forget();
        return node;
    }

    // Counts from here.
    public void Forget()
    {
        _writer.Writes.Clear();
        _writer.Bytes = 0;
    }

    // It serves one connection; what would follow stays in its dial, and so what ended the first remains the last error.
    private async ValueTask<IDuplexPipe> DialAsync(CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _dials) > 1)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        return this;
    }

    private sealed class CountingReader(PipeReader inner) : PipeReader
    {
        private int _started;

        public int Started => Volatile.Read(ref _started);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _started);
            return inner.ReadAsync(cancellationToken);
        }

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class RecordingWriter : PipeWriter
    {
        public System.Collections.Concurrent.ConcurrentQueue<(byte[] Bytes, int Thread)> Writes { get; } = new();

        public long Bytes { get; set; }

        public ReadOnlyMemory<byte> Newest { get; private set; }

        public Action<int>? OnWrite { get; set; }

        public TaskCompletionSource<FlushResult>? Held { get; set; }

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            OnWrite?.Invoke(source.Length);
            Newest = source;
            Writes.Enqueue((source.ToArray(), Environment.CurrentManagedThreadId));

            // Whoever has waited for the bytes may forget the writes.
            Bytes += source.Length;
            return Held is { } held ? new ValueTask<FlushResult>(held.Task) : default;
        }

        public override void Advance(int bytes) => throw new NotSupportedException();

        public override Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

        public override Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
