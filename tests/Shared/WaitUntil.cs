namespace Redlock.Fast.SharedTests;

/// <summary>Waits for a condition, never for a duration.</summary>
internal static class WaitUntil
{
    private static readonly TimeSpan PatienceLimit = TimeSpan.FromSeconds(20);

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(PatienceLimit);
        while (!await condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
