using System.Runtime.CompilerServices;
using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

/// <summary>Waits for a condition, never for a duration: the one place in which tests wait.</summary>
internal static class Eventually
{
    // Long enough for a machine that is busy with everything else; a test that needs it has failed.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _lookEvery = TimeSpan.FromMilliseconds(1);

    /// <summary>Looks again and again, and fails with what it waited for.</summary>
    public static Task Holds(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string? what = null) =>
        Holds(() => Task.FromResult(condition()), what);

    public static async Task Holds(
        Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < Patience,
                $"It did not come true within {Patience.TotalSeconds} s: {what}");
            await Task.Delay(_lookEvery, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Awaits what must end by itself, and fails in place of hanging.</summary>
    public static Task SoonAsync(this Task pending) => pending.WaitAsync(Patience, TestContext.Current.CancellationToken);

    public static Task<T> SoonAsync<T>(this Task<T> pending) => pending.WaitAsync(Patience, TestContext.Current.CancellationToken);

    public static Task Connected(RespNode node) => node.WaitUntilConnectedAsync(TestContext.Current.CancellationToken).SoonAsync();

    /// <summary>The answer to a command after a loss: a node may look connected for a moment longer than it is, and then refuses.</summary>
    public static async Task<RespValue> Answered(RespNode node, params string[] command)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await Connected(node);
            try
            {
                return await node.SendAsync(command).SoonAsync();
            }
            catch (RespRequestException) when (TimeProvider.System.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(_lookEvery, TestContext.Current.CancellationToken);
            }
        }
    }
}
