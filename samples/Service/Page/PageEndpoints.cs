using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Redlock.Fast.Extensions;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Service;

/// <summary>The page, what it shows live, and what its buttons do: to nodes, the carrier, and by clients.</summary>
internal static class PageEndpoints
{
    // An eye takes no more in.
    private static readonly TimeSpan _shortestPause = TimeSpan.FromMilliseconds(50);

    // Connections and leaders change without telling the board.
    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(500);

    private const string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; connect-src 'self'";

    public static void MapPage(this WebApplication service)
    {
        byte[] page = Read("page.html");
        service.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            return TypedResults.Bytes(page, "text/html; charset=utf-8");
        });
        service.MapGet("/live", (IServiceProvider services, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(WatchAsync(services, cancellationToken)));
        service.MapPost("/sample/carrier", (Carrier carrier, double seconds) =>
        {
            if (!(seconds >= 0 && seconds <= Carrier.LongestLatency.TotalSeconds))
            {
                return Results.BadRequest();
            }

            carrier.Latency = TimeSpan.FromSeconds(seconds);
            return Results.NoContent();
        });
        service.MapPost("/sample/clients", (SampleClients clients, int order, int count, int wait) =>
            clients.TrySend(order, count, wait) ? Results.Accepted() : Results.StatusCode(StatusCodes.Status429TooManyRequests));
        service.MapPost("/sample/nodes/{node:int}/stop", (SampleNodes nodes, int node) => Change(nodes, node, nodes.Stop));
        service.MapPost("/sample/nodes/{node:int}/start", (SampleNodes nodes, int node) => Change(nodes, node, nodes.Start));
    }

    private static IResult Change(SampleNodes nodes, int node, Action<int> change)
    {
        if (node < 0 || node >= nodes.Stoppable)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, detail: "Only the sample's own nodes can be stopped and started here.");
        }

        change(node);
        return TypedResults.NoContent();
    }

    private static async IAsyncEnumerable<SseItem<Snapshot>> WatchAsync(
        IServiceProvider services, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A page that is open does not hold up the end of the service.
        CancellationToken stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        Board board = services.GetRequiredService<Board>();
        while (!ended.IsCancellationRequested)
        {
            int version = board.Version;
            yield return new SseItem<Snapshot>(Take(services, board));
            for (TimeSpan waited = default; waited < _longestPause; waited += _shortestPause)
            {
                await Task.Delay(_shortestPause, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (ended.IsCancellationRequested || board.Version != version)
                {
                    break;
                }
            }
        }
    }

    private static Snapshot Take(IServiceProvider services, Board board)
    {
        SampleNodes nodes = services.GetRequiredService<SampleNodes>();
        Carrier carrier = services.GetRequiredService<Carrier>();
        LeaderTerm? term = services.GetRequiredService<ILeaderElection>().Term;
        return new Snapshot(
            board.Now,
            [
                .. from node in services.GetRequiredService<RedlockFactory>().Nodes.Index()
                   select new NodeView(
                       node.Item.Name,
                       node.Item is RespNode { IsConnected: true },
                       node.Index < nodes.Stoppable,
                       nodes.IsStopped(node.Index)),
            ],
            [.. from order in services.GetRequiredService<Orders>().All select new NameView(order.Mutex.Name, order.Id, order.Parcels)],
            board.Turns(),
            [.. services.GetRequiredService<RecentSpans>().All],
            [.. services.GetRequiredService<SampleClients>().Responses],
            carrier.Latency.TotalSeconds,
            carrier.Waiting,
            term is { IsHeld: true });
    }

    private static byte[] Read(string name)
    {
        using Stream page = typeof(PageEndpoints).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the program.");
        using MemoryStream copy = new();
        page.CopyTo(copy);
        return copy.ToArray();
    }

    private sealed record NodeView(string Name, bool IsConnected, bool IsStoppable, bool IsStopped);

    private sealed record NameView(string Name, int Order, int Parcels);

    private sealed record Snapshot(
        double Now,
        IReadOnlyList<NodeView> Nodes,
        IReadOnlyList<NameView> Names,
        IReadOnlyList<TurnView> Turns,
        IReadOnlyList<SpanView> Spans,
        IReadOnlyList<ResponseView> Responses,
        double CarrierSeconds,
        int WaitingParcels,
        bool IsLeader);
}
