namespace Redlock.Fast.Resp;

/// <summary>Tells the threads that read replies or keep time from those of the application.</summary>
public static class RespThread
{
    [ThreadStatic]
    private static RespThreadRole _role;

    /// <summary>What the calling thread has to do for others.</summary>
    public static RespThreadRole Role => _role;

    /// <summary>Call it before the thread is blocked until a reply has come.</summary>
    /// <exception cref="InvalidOperationException">The thread is one that others wait for: the reply might never be read.</exception>
    public static void ThrowIfMayNotBlock()
    {
        if (_role != RespThreadRole.None)
        {
            Throw(_role);
        }
    }

    /// <summary>Takes over a role, or gives one back.</summary>
    /// <returns>The role until now.</returns>
    internal static RespThreadRole Enter(RespThreadRole role)
    {
        RespThreadRole until = _role;
        _role = role;
        return until;
    }

    private static void Throw(RespThreadRole role) => throw new InvalidOperationException(
        "A blocking call was made on a thread that "
        + (role == RespThreadRole.Timers ? "fires the timers of this library" : "reads a node's replies")
        + ", from code behind an inline continuation, an event handler or a delay function. The reply that it would wait for could not "
        + "come. Use the asynchronous method, or let the code run on the thread pool (ContinuationMode.ThreadPool).");
}
