using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Extensions.Tests;

/// <summary>A Redis Sentinel of one test alone: the same program as a server, which knows other commands.</summary>
internal sealed class TempSentinel : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private TempSentinel(Process process, DirectoryInfo folder, int port)
    {
        _process = process;
        _folder = folder;
        Endpoint = $"127.0.0.1:{port}";
    }

    public string Endpoint { get; }

    public static async Task<TempSentinel> StartAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(TempRedis.IsAvailable(out string reason), reason);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-");
        string configuration = Path.Combine(folder.FullName, "sentinel.conf");
        int port = FreePort();
        await File.WriteAllTextAsync(configuration, $"port {port}\nbind 127.0.0.1\ndir \"{folder.FullName}\"\n", cancellationToken);
        ProcessStartInfo start = new("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(configuration);
        start.ArgumentList.Add("--sentinel");
        TempSentinel sentinel = new(Process.Start(start)!, folder, port);
        await using RespNode node = RespNode.Connect(sentinel.Endpoint);
        await node.WaitUntilConnectedAsync(cancellationToken).WaitAsync(Eventually.Patience, cancellationToken);
        return sentinel;
    }

    public ValueTask DisposeAsync()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
