using System.Runtime.CompilerServices;

namespace Redlock.Fast.Simulation;

/// <summary>
/// Awaits a result of the library as a simulated caller does: it is taken only when that caller gets to run, which a pause can delay.
/// </summary>
internal readonly struct Resumption<T>(SimulatedClient client, ValueTask<T> result) : ICriticalNotifyCompletion
{
    // Never true: also what is there at once is taken only when the caller gets to run.
    public bool IsCompleted => false;

    public Resumption<T> GetAwaiter() => this;

    public T GetResult() => result.GetAwaiter().GetResult();

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        SimulatedClient resumed = client;
        ValueTaskAwaiter<T> awaiter = result.GetAwaiter();
        if (awaiter.IsCompleted)
        {
            resumed.Resume(continuation);
        }
        else
        {
            awaiter.UnsafeOnCompleted(() => resumed.Resume(continuation));
        }
    }
}

/// <summary>Awaits the moment at which a simulated caller goes on.</summary>
internal readonly struct Nap(SimulatedClient client, long nanoseconds) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public Nap GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        SimulatedClient resumed = client;
        resumed.World.At(resumed.World.Now + nanoseconds, () => resumed.Resume(continuation));
    }
}
