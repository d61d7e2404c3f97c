namespace Redlock.Fast.Quickstart;

/// <summary>Ownership is 24 characters of text: whoever has them can extend and release.</summary>
internal static class HandOver
{
    public static async Task RunAsync(RedlockFactory first, RedlockFactory second, string prefix, StepTable steps)
    {
        RedlockMutex giver = first.CreateMutex(prefix + "relay");
        RedlockMutex taker = second.CreateMutex(prefix + "relay");

        LockResult taken = await giver.TryLockAsync();
        string text = taken.Token.Value;

        steps.Begin();
        ExtendResult adopted = await taker.ExtendAsync(LockToken.Parse(text));
        steps.End("Hand over as text", $"{adopted.Status} by the second client", adopted.IsExtended);

        steps.Begin();
        UnlockStatus released = await taker.UnlockAsync(adopted.Token);
        steps.End("The new owner releases", $"{released}", released == UnlockStatus.Released);
    }
}
