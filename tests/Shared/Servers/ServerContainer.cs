using Redlock.Fast.Resp;
using DotNet.Testcontainers.Builders;
using Testcontainers.Redis;

namespace Redlock.Fast.SharedTests;

// A server in a container, where a Docker engine answers.
internal sealed class ServerContainer : IDisposable
{
    private const string ImageVariable = "REDLOCK_TEST_IMAGE";

    private readonly RedisContainer _container;

    private ServerContainer(RedisContainer container) => _container = container;

    // The image of which the tests of servers are to start theirs, or null where they start programs that are installed.
    public static string? Image => Environment.GetEnvironmentVariable(ImageVariable) is { Length: > 0 } image ? image : null;

    public string Endpoint => $"{_container.Hostname}:{_container.GetMappedPublicPort(RedisBuilder.RedisPort)}";

    public static async Task<ServerContainer> StartAsync(string image, params string[] settings)
    {
        RedisContainer container;
        try
        {
            // Both kinds of server say this when they can be asked; asking them would need their password.
            container = new RedisBuilder(image)
                .WithCommand(settings)
                .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("Ready to accept connections"))
                .Build();
        }
        catch (DockerUnavailableException absence)
        {
            Assert.Skip($"No Docker engine answers, so there is no {image}: {absence.Message.ReplaceLineEndings("\n").Split('\n')[0]}");
            throw;
        }

        try
        {
            await container.StartAsync(TestContext.Current.CancellationToken);
            return new ServerContainer(container);
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    public void Dispose() => _container.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
