namespace Redlock.Fast.Fencing;

/// <summary>Ann is frozen while she holds the lock; Ben takes it over, and sells; Ann wakes, and does not know.</summary>
internal sealed class Story(RedlockMutex mutex, Stock stock)
{
    private const long SoldByAnn = 1;
    private const long SoldByBen = 3;

    /// <summary>Without a token.</summary>
    /// <returns>Whether an update was lost.</returns>
    public async Task<bool> WithoutTokenAsync()
    {
        Tell("Without a fencing token");
        long before = stock.Read();
        long seen = (await FreezeAsync()).Seen;
        await SellAsync("Ben", SoldByBen, (pieces, _) =>
        {
            stock.Write(pieces);
            return true;
        });
        stock.Write(seen - SoldByAnn);
        Tell($"  Ann wakes, believes that she holds the lock, and writes {seen - SoldByAnn}: her write lands.");
        bool isLost = stock.Read() != before - SoldByAnn - SoldByBen;
        Tell($"  {SoldByAnn + SoldByBen} of {before} pieces are sold, and the stock says {stock.Read()}: {Verdict(isLost)}");
        return isLost;
    }

    /// <summary>With one that the stock checks.</summary>
    /// <returns>Whether an update was lost.</returns>
    public async Task<bool> WithTokenAsync()
    {
        Tell("With a fencing token, which the stock compares with the largest that it has seen");
        long before = stock.Read();
        (long seen, long token) = await FreezeAsync();
        await SellAsync("Ben", SoldByBen, stock.TryWrite);
        bool lands = stock.TryWrite(seen - SoldByAnn, token);
        string verdict = lands ? "her write lands" : "the stock refuses";
        Tell($"  Ann wakes, believes that she holds the lock, and writes {seen - SoldByAnn} with {token}: {verdict}.");
        if (!lands)
        {
            Tell("  So she hears that she was late, and begins again:");
            await SellAsync("Ann", SoldByAnn, stock.TryWrite);
        }

        bool isLost = stock.Read() != before - SoldByAnn - SoldByBen;
        Tell($"  {SoldByAnn + SoldByBen} of {before} pieces are sold, and the stock says {stock.Read()}: {Verdict(isLost)}");
        return isLost;
    }

    /// <summary>Ann takes the lock and reads; then her process stands still, as one does that is collected, swapped out or moved.</summary>
    private async Task<(long Seen, long Token)> FreezeAsync()
    {
        LockHandle held = await mutex.LockAsync();
        long seen = Read(held);
        Tell($"  Ann takes the lock for {mutex.Options.Expiry.TotalMilliseconds} ms{Token(held)}, reads {seen}, and is frozen.");
        return (seen, held.FencingToken);
    }

    private async Task SellAsync(string who, long sold, Func<long, long, bool> write)
    {
        await using LockHandle held = await mutex.LockAsync();
        long seen = Read(held);
        string verdict = write(seen - sold, held.FencingToken) ? "the write lands" : "the stock refuses";
        Tell($"  {who} gets the lock{Token(held)}, reads {seen}, sells {sold} and writes {seen - sold}: {verdict}.");
    }

    // With the token, where there is one: what Ann writes late must not come between.
    private long Read(LockHandle held) => held.FencingToken == 0 ? stock.Read()
        : stock.TryRead(held.FencingToken) ?? throw new InvalidOperationException("Nobody has had the lock since.");

    private static string Token(LockHandle held) => held.FencingToken == 0 ? "" : $" and the token {held.FencingToken}";

    private static string Verdict(bool isLost) => isLost ? "AN UPDATE IS LOST." : "nothing is lost.";

    private static void Tell(string line) => Console.WriteLine(line);
}
