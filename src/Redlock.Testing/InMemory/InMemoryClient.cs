namespace Redlock.Fast.Testing;

/// <summary>What a node knows about one connection: who it is, and which database it works on.</summary>
internal sealed class InMemoryClient(InMemoryServer server, Action? onPushed = null, Action? onKilled = null)
{
    private volatile bool _isAborted;

    public InMemoryServer Server => server;

    public long Id { get; } = server.OpenSession();

    /// <summary>What it has subscribed to.</summary>
    public ChannelListener Listener { get; } = new(onPushed ?? (static () => { }));

    /// <summary>Whether a script runs for it.</summary>
    public bool IsInScript { get; set; }

    public int Database { get; set; }

    public byte[] Name { get; set; } = [];

    public InMemoryTransaction Transaction { get; } = new();

    public bool IsAuthenticated { get; set; } = server.Options.Password is null;

    /// <summary>Whether the connection was dropped from outside: nothing more is executed.</summary>
    public bool IsAborted => _isAborted;

    /// <summary>Whether it asked to be let go once its command is answered.</summary>
    public bool IsLeaving { get; private set; }

    public void Abort() => _isAborted = true;

    /// <summary>Drops the connection.</summary>
    public void Kill()
    {
        Abort();
        onKilled?.Invoke();
    }

    public void Leave() => IsLeaving = true;
}
