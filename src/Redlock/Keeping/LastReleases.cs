namespace Redlock.Fast;

/// <summary>The releases that a factory sends at its end, for those who did not.</summary>
internal sealed class LastReleases
{
    private readonly List<Task<UnlockStatus>> _releases = [];

    /// <summary>How many locks were still kept.</summary>
    public int Held { get; private set; }

    /// <summary>Whether nothing is waited for any more.</summary>
    public bool AreOver => _releases.TrueForAll(static release => release.IsCompleted);

    public static LastReleases Send(FactoryCore nodes, KeptAtStop kept)
    {
        LastReleases last = new();
        if (kept == KeptAtStop.Leave)
        {
            last.Held = nodes.Kept.CountHeld();
            return last;
        }

        foreach ((MutexDefinition mutex, Surrender given) in nodes.Kept.LoseAll())
        {
            last.Held++;
            last._releases.Add(nodes.Unlocks.Rent().UnlockAsync(mutex, given, CancellationToken.None).AsTask());
        }

        return last;
    }

    public void Add(LastReleases later)
    {
        Held += later.Held;
        _releases.AddRange(later._releases);
    }

    /// <summary>How many a quorum has confirmed by now.</summary>
    public int CountReleased()
    {
        int released = 0;
        foreach (Task<UnlockStatus> release in _releases)
        {
            released += release is { IsCompletedSuccessfully: true, Result: UnlockStatus.Released } ? 1 : 0;
        }

        return released;
    }
}
