namespace Redlock.Fast.Service;

/// <summary>What clients call: to look at orders, and to ship the next parcel of one.</summary>
internal static class ShippingEndpoints
{
    // Longer than this a client had better ask again: everything between him and here has limits of its own.
    private const int LongestWaitSeconds = 30;

    public static void MapShipping(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/orders", (Orders orders) => orders.All.Select(order => new OrderView(order.Id, order.Parcels)));
        routes.MapPost("/orders/{id:int}/ship", ShipAsync);
    }

    /// <summary>Ships the next parcel, by one request at a time: two at once would send the same parcel twice.</summary>
    /// <param name="id">Of which order.</param>
    /// <param name="orders">Which there are.</param>
    /// <param name="carrier">Who sends it.</param>
    /// <param name="board">Shows the page who holds and who waits.</param>
    /// <param name="context">For the response's headers.</param>
    /// <param name="cancellationToken">Cancelled when the client goes: he waits no longer then.</param>
    /// <param name="wait">How many seconds the request may wait for its turn.</param>
    /// <param name="by">Who asks, for the page.</param>
    private static async Task<IResult> ShipAsync(
        int id,
        Orders orders,
        Carrier carrier,
        Board board,
        HttpContext context,
        CancellationToken cancellationToken,
        int wait = 0,
        string? by = null)
    {
        if (wait is < 0 or > LongestWaitSeconds)
        {
            return TypedResults.ValidationProblem(
                new Dictionary<string, string[]> { ["wait"] = [$"0 to {LongestWaitSeconds} seconds, not {wait}."] });
        }

        if (orders.Find(id) is not { } order)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, detail: $"There is no order {id}.");
        }

        using Turn turn = board.Begin(order.Mutex.Name, by);
        await using LockResult taken = await order.Mutex.TryLockAsync(TimeSpan.FromSeconds(wait), cancellationToken);
        switch (taken.Status)
        {
            case LockStatus.Acquired:
                turn.Hold();
                return await SendAsync(order, taken.Handle, carrier, turn);
            case LockStatus.Contended:
                turn.End(TurnEnd.Contended);
                return LockProblems.Contended(context.Response, order.Mutex.Name, carrier.Latency);
            default:
                turn.End(TurnEnd.Unavailable);
                return LockProblems.Unavailable(context.Response, order.Mutex.Name, taken);
        }
    }

    // A client that goes does not stop the carrier half-way; the loss of the lock does.
    private static async Task<IResult> SendAsync(Order order, LockHandle held, Carrier carrier, Turn turn)
    {
        try
        {
            int parcel = order.Parcels + 1;
            string label = await carrier.SendAsync(order.Id, parcel, held.Lost);
            order.Parcels = parcel;
            turn.End(TurnEnd.Done);
            return TypedResults.Ok(new Shipped(order.Id, parcel, label));
        }
        catch (OperationCanceledException) when (held.Lost.IsCancellationRequested)
        {
            turn.End(TurnEnd.Lost);
            return LockProblems.Lost(order.Mutex.Name);
        }
    }

    private sealed record OrderView(int Order, int Parcels);

    private sealed record Shipped(int Order, int Parcel, string Label);
}
