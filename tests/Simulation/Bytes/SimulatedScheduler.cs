using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>Runs what a node does as events of its client: a life really suspends where it waits, and goes on in virtual time.</summary>
internal sealed class SimulatedScheduler(SimulatedClient client, SeededRandom random) : NodeScheduler
{
    public override void Start(Func<Task> life, string name) => Soon(() => _ = WatchAsync(life, name));

    public override Task Await(Task ending) => ending;

    public override ValueTask<bool> Pause(TimeSpan delay, CancellationToken disposed)
    {
        TaskCompletionSource<bool> over = new();
        long due = client.Time.GetTimestamp() + (delay.Ticks * TimeSpan.NanosecondsPerTick);
        client.Time.At(due, () => over.TrySetResult(false));
        disposed.UnsafeRegister(_ => Soon(() => over.TrySetResult(true)), null);
        return new ValueTask<bool>(over.Task);
    }

    public override void Queue(IThreadPoolWorkItem item) => Soon(item.Execute);

    public override double NextJitter() => random.NextDouble();

    private void Soon(Action action) => client.Post(client.World.Now + client.Hop(), action);

    private async Task WatchAsync(Func<Task> life, string name)
    {
        try
        {
            await life();
        }
        catch (Exception fault)
        {
            client.World.Fail(Invariant.CallsEnd, $"the life of {name} ended with {fault}");
        }
    }
}
