namespace Redlock.Fast.Resp;

/// <summary>Starts the threads that serve nodes.</summary>
internal static class NodeThread
{
    // A TLS handshake can look for certificates and their revocation, all of it on this thread. What is not used costs no memory.
    private const int StackBytes = 1024 * 1024;

    /// <param name="work">Runs without the execution context of whoever starts it, which would live as long as the thread.</param>
    /// <param name="name">What it does, and for which node.</param>
    public static void Start(ThreadStart work, string name) =>
        new Thread(work, StackBytes) { IsBackground = true, Name = $"Redlock.Fast {name}" }.UnsafeStart();
}
