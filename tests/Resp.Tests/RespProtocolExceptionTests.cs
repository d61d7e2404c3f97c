namespace Redlock.Fast.Resp.Tests;

public class RespProtocolExceptionTests
{
    [Fact]
    public void Shows_what_came()
    {
        RespProtocolException exception = new RespProtocolException("Expected an integer from node 10.0.0.1:6379, but got", "\x01\"OK\"\r\n"u8);
        Assert.Equal("""Expected an integer from node 10.0.0.1:6379, but got "\x01\"OK\"\r\n" """.TrimEnd(), exception.Message);
        Assert.IsAssignableFrom<IOException>(exception);
    }

    [Fact]
    public void Keeps_its_cause()
    {
        InvalidOperationException cause = new InvalidOperationException();
        Assert.Same(cause, new RespProtocolException("It broke.", cause).InnerException);
        Assert.NotEmpty(new RespProtocolException().Message);
    }
}
