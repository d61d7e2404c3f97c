using System.IO.Pipelines;

namespace Redlock.Fast.Testing;

/// <summary>Two ends of one in-process connection: what one writes, the other reads.</summary>
internal static class CrossedPipes
{
    public static (IDuplexPipe Client, IDuplexPipe Server) Create() => Create(new QueuedPipeScheduler());

    /// <param name="scheduler">Runs what waits for either end.</param>
    public static (IDuplexPipe Client, IDuplexPipe Server) Create(PipeScheduler scheduler)
    {
        PipeOptions options = new PipeOptions(readerScheduler: scheduler, writerScheduler: scheduler, useSynchronizationContext: false);
        Pipe requests = new Pipe(options);
        Pipe replies = new Pipe(options);
        return (new End(replies.Reader, requests.Writer), new End(requests.Reader, replies.Writer));
    }

    private sealed class End(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
