using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Threads, of which it is known how many ask for credentials, and a jitter that is none.</summary>
internal sealed class LoginScheduler : NodeScheduler
{
    // After this share of its life a login is renewed.
    public const double Share = 0.75;

    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public override void Start(Func<Task> life, string name)
    {
        if (!name.EndsWith(" login", StringComparison.Ordinal))
        {
            Threads.Start(life, name);
            return;
        }

        Interlocked.Increment(ref _calls);
        Threads.Start(
            async () =>
            {
                await life();
                Interlocked.Decrement(ref _calls);
            },
            name);
    }

    public override Task Await(Task ending) => Threads.Await(ending);

    public override ValueTask<bool> Pause(TimeSpan delay, CancellationToken disposed) => Threads.Pause(delay, disposed);

    public override void Queue(IThreadPoolWorkItem item) => Threads.Queue(item);

    public override double NextJitter() => 0.5;
}
