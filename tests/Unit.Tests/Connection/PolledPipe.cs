using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>A pipe that a caller can read for itself; the test plays the server, and may do something in each poll.</summary>
internal sealed class PolledPipe : IDuplexPipe
{
    private readonly PolledReader _reader = new();
    private readonly RecordingPipe _recorded = new();

    public BufferedPipeReader Reader => _reader;

    public PipeReader Input => _reader;

    public PipeWriter Output => _recorded.Output;

    // Called with the longest time that the poll may take.
    public Action<TimeSpan>? OnPoll
    {
        set => _reader.OnPoll = value;
    }

    // Each answer is one read; an empty one is the end.
    public void Answer(string latin1) => _reader.Arrived.Add(Encoding.Latin1.GetBytes(latin1));

    // A read throws once it has nothing left.
    public void Break() => _reader.Arrived.CompleteAdding();

    private sealed class PolledReader : BufferedPipeReader
    {
        public BlockingCollection<byte[]> Arrived { get; } = [];

        public Action<TimeSpan>? OnPoll { get; set; }

        public override bool Poll(TimeSpan time)
        {
            OnPoll?.Invoke(time);
            return Arrived.Count > 0;
        }

        public override void Complete(Exception? exception = null)
        {
        }

        protected override void Receive()
        {
            byte[] bytes = Arrived.Take();
            bytes.CopyTo(Buffer.MakeRoom().AsSpan());
            Buffer.Received(bytes.Length);
        }

        protected override ValueTask ReceiveAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
