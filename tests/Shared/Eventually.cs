using Redlock.Fast.Resp;

namespace Redlock.Fast.SharedTests;

internal static class Eventually
{
    // Long enough for any machine; a test that needs it has failed.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(1);

    public static async Task Holds(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"It never came true: {what}");
            await Task.Delay(LookEvery, TestContext.Current.CancellationToken);
        }
    }

    public static Task<T> Within<T>(Task<T> task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    public static Task Within(Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    // For after a loss: a node may look connected for a moment longer than it is, and then refuses.
    public static async Task<RespValue> Answered(RespNode node, params string[] command)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await Connected(node);
            try
            {
                return await Within(node.SendAsync(command));
            }
            catch (RespRequestException) when (TimeProvider.System.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(LookEvery, TestContext.Current.CancellationToken);
            }
        }
    }

    public static Task Connected(RespNode node) => Within(node.WaitUntilConnectedAsync(TestContext.Current.CancellationToken));
}
