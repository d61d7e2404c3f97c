using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>
/// A name that leads to another server while the old one dies, with a farewell or without a word, under callers that go on.
/// </summary>
public sealed class MovedNameTests(SharedNodes shared)
{
    private const int Locks = 20;

    private static readonly RespNodeOptions _options = new() { MaxReconnectDelay = TimeSpan.FromMilliseconds(100) };

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public async Task Callers_lock_on_the_new_server(int nodes, bool closesConnections)
    {
        using OwnServers servers = await OwnServers.StartAsync(2);
        TempName name = new(servers[0].Port);
        using RespNode moved = new(name.Dialer, _options);
        RespNode[] others = [.. (await shared.EndpointsAsync(nodes))[1..].Select(endpoint => RespNode.Connect(endpoint))];
        try
        {
            using RedlockFactory factory = new([moved, .. others]);
            await Inspection.AllConnectedAsync(factory);
            string prefix = Inspection.NewName();
            using SteadyCallers callers = SteadyCallers.Start(caller => $"{prefix}:{caller}", factory);
            await callers.MoreLocksAsync(Locks);

            name.MoveTo(servers[1].Port);
            if (closesConnections)
            {
                servers[0].Kill();
            }
            else
            {
                servers[0].Pause();
            }

            await Eventually.Holds(() => moved.Reconnects > 0 && moved.IsConnected, "the name is followed");
            await callers.MoreLocksAsync(Locks);
            await callers.StopAsync();
            await Inspection.CaughtUpAsync(moved);
            RespValue port = await moved.SendAsync("CONFIG", "GET", "port");
            Assert.Equal(servers[1].Port.ToString(CultureInfo.InvariantCulture), port.Items[1].AsString());
            string statistics = (await moved.SendAsync("INFO", "commandstats")).AsString()!;
            Assert.Contains("cmdstat_set:calls=", statistics, StringComparison.Ordinal);
        }
        finally
        {
            Array.ForEach(others, node => node.Dispose());
        }
    }
}
