using System.Net.Sockets;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Torture;

/// <summary>One real server, what may be done to it, and when it forgot its data.</summary>
internal sealed class TargetNode : IDisposable
{
    // Fewer than the idle ones, so that whoever is cut off does not get in again.
    private const int FilledLimit = 10;
    private const int IdleConnections = 30;

    // What redis-server sets itself when nothing is configured.
    private const int UsualLimit = 10_000;

    private static readonly TimeSpan _exitLimit = TimeSpan.FromSeconds(10);

    private readonly int _number;
    private readonly TempRedis _server;

    private TargetNode(int number, TempRedis server)
    {
        _number = number;
        _server = server;
    }

    /// <summary>One hand of the nemesis at a time.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    public int Port => _server.Port;

    public string Endpoint => _server.Endpoint;

    public List<DataLoss> Losses { get; } = [];

    public static async Task<TargetNode> StartAsync(int number, CancellationToken cancellationToken) =>
        new(number, await TempRedis.StartAsync(cancellationToken: cancellationToken));

    public async Task PauseAsync(TimeSpan duration)
    {
        _server.Pause();
        await Task.Delay(duration);
        _server.Resume();
    }

    public async Task KillAsync(TimeSpan duration)
    {
        _server.Kill();
        long deadBy = MonotonicTime.Shared.GetTimestamp();
        await Task.Delay(duration);
        long backFrom = MonotonicTime.Shared.GetTimestamp();
        Losses.Add(new DataLoss(_number, deadBy, backFrom));
        await _server.RestartAsync(NodeData.Lose);
    }

    /// <summary>Saving and ending are one step of the server, so that no vote falls between them.</summary>
    public async Task RestartAsync(TimeSpan duration)
    {
        using (Socket control = await ConnectAsync())
        {
            await control.SendAsync("SHUTDOWN SAVE\r\n"u8.ToArray());
            long asked = MonotonicTime.Shared.GetTimestamp();
            while (_server.ProcessId != 0)
            {
                if (MonotonicTime.Shared.GetElapsedTime(asked) > _exitLimit)
                {
                    throw new TimeoutException($"{_server} did not end within {_exitLimit.TotalSeconds} s after SHUTDOWN SAVE.");
                }

                await Task.Delay(1);
            }
        }

        await Task.Delay(duration);
        await _server.RestartAsync(NodeData.Keep);
    }

    public async Task FlushScriptsAsync()
    {
        using Socket control = await ConnectAsync();
        await AskAsync(control, "SCRIPT FLUSH");
    }

    /// <summary>Closes every connection but the one that asks for it.</summary>
    public async Task KillConnectionsAsync()
    {
        using Socket control = await ConnectAsync();
        await AskAsync(control, "CLIENT KILL TYPE normal", ":");
    }

    /// <summary>Closes every connection that hears a channel.</summary>
    public async Task KillSubscribersAsync()
    {
        using Socket control = await ConnectAsync();
        await AskAsync(control, "CLIENT KILL TYPE pubsub", ":");
    }

    /// <summary>Takes up all connections that the node allows, then has those of the clients cut.</summary>
    public async Task FillAsync(Action cutClients, TimeSpan duration)
    {
        List<Socket> idle = [];
        try
        {
            // This one stays: nobody else could lift the limit again.
            using Socket control = await ConnectAsync();
            for (int connection = 0; connection < IdleConnections; connection++)
            {
                idle.Add(await ConnectAsync());
            }

            await AskAsync(control, $"CONFIG SET maxclients {FilledLimit}");
            cutClients();
            await Task.Delay(duration);
            await AskAsync(control, $"CONFIG SET maxclients {UsualLimit}");
        }
        finally
        {
            foreach (Socket socket in idle)
            {
                socket.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        Gate.Dispose();
    }

    private async Task<Socket> ConnectAsync()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, Port);
        return socket;
    }

    private async Task AskAsync(Socket control, string command, string expected = "+OK")
    {
        using CancellationTokenSource limit = new(_exitLimit);
        await control.SendAsync(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"), limit.Token);
        byte[] reply = new byte[512];
        int count = await control.ReceiveAsync(reply, limit.Token);
        string text = System.Text.Encoding.ASCII.GetString(reply, 0, count);
        if (!text.StartsWith(expected, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{_server} answered {command} with {text.TrimEnd()}.");
        }
    }
}
