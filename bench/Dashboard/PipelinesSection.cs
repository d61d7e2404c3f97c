namespace Redlock.Fast.Bench;

/// <summary>The same locks over the sockets of Pipelines.Sockets.Unofficial, against those over the built-in ones.</summary>
internal static class PipelinesSection
{
    public static async Task RunAsync(Report report, bool quick)
    {
        await using Servers servers = await Servers.StartAsync(5);
        foreach (int nodes in (int[])[1, 3, 5])
        {
            await using OwnClient builtIn = await OwnClient.ConnectAsync(servers.Endpoints("tcp", nodes));
            await using OwnClient pipelines = await OwnClient.ConnectOverPipelinesAsync(servers, nodes);
            if (nodes == 1)
            {
                report.Note($"`{pipelines.Name}`: {pipelines.Settings}");
            }

            foreach (int inFlight in (int[])[1, 64])
            {
                await ClientComparison.RunAsync(report, $"pipe.tcp.n{nodes}.c{inFlight}", [builtIn, pipelines], inFlight, quick);
            }
        }
    }
}
