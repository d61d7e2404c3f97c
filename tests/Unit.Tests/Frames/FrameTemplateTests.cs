using System.Text;

namespace Redlock.Fast.Unit.Tests;

public class FrameTemplateTests
{
    private const string OwnerText = "AQIDBAUGBwgJCgsMDQ4PEA==";

    private static readonly LockToken _owner = LockToken.Parse(OwnerText);

    [Fact]
    public void Acquire_is_SET_NX_PX() => Assert.Equal(
        $"*6\r\n$3\r\nSET\r\n$4\r\ndoor\r\n$24\r\n{OwnerText}\r\n$2\r\nNX\r\n$2\r\nPX\r\n$4\r\n8000\r\n",
        Written(FrameTemplate.Acquire("door"u8, 8000)));

    [Fact]
    public void Release_is_EVALSHA_of_its_script() => Assert.Equal(
        $"*5\r\n$7\r\nEVALSHA\r\n$40\r\n{RedlockScripts.Release.Sha1}\r\n$1\r\n1\r\n$4\r\ndoor\r\n$24\r\n{OwnerText}\r\n",
        Written(FrameTemplate.Release("door"u8, mark: [])));

    [Fact]
    public void A_release_that_wakes_has_the_mark_among_its_keys() => Assert.Equal(
        $"*6\r\n$7\r\nEVALSHA\r\n$40\r\n{RedlockScripts.Release.Sha1}\r\n$1\r\n2\r\n$4\r\ndoor\r\n$14\r\n{{door}}:waiting\r\n"
        + $"$24\r\n{OwnerText}\r\n",
        Written(FrameTemplate.Release("door"u8, MutexKey.Mark("door"u8.ToArray()))));

    [Fact]
    public void Take_is_EVALSHA_of_its_script_with_the_mark_and_the_expiry() => Assert.Equal(
        $"*7\r\n$7\r\nEVALSHA\r\n$40\r\n{RedlockScripts.Take.Sha1}\r\n$1\r\n2\r\n$4\r\ndoor\r\n$1\r\nm\r\n"
        + $"$24\r\n{OwnerText}\r\n$2\r\n15\r\n",
        Written(FrameTemplate.Take("door"u8, "m"u8, 15)));

    [Fact]
    public void A_succession_names_its_predecessor_behind_the_expiry()
    {
        LockToken predecessor = LockToken.Parse("////////////////////////"[..21] + "w==");
        FrameTemplate template = FrameTemplate.Succeed("door"u8, "m"u8, 15);
        byte[] frame = new byte[template.Length];
        template.Write(_owner, predecessor, frame);
        Assert.Equal(
            $"*8\r\n$7\r\nEVALSHA\r\n$40\r\n{RedlockScripts.Take.Sha1}\r\n$1\r\n2\r\n$4\r\ndoor\r\n$1\r\nm\r\n"
            + $"$24\r\n{OwnerText}\r\n$2\r\n15\r\n$24\r\n{predecessor.Value}\r\n",
            Encoding.ASCII.GetString(frame));
    }

    [Fact]
    public void Extend_is_EVALSHA_of_its_script_with_the_expiry() => Assert.Equal(
        $"*6\r\n$7\r\nEVALSHA\r\n$40\r\n{RedlockScripts.Extend.Sha1}\r\n$1\r\n1\r\n$4\r\ndoor\r\n$24\r\n{OwnerText}\r\n$2\r\n15\r\n",
        Written(FrameTemplate.Extend("door"u8, 15)));

    [Fact]
    public void A_template_serves_one_owner_after_the_other()
    {
        FrameTemplate template = FrameTemplate.Release("door"u8, mark: []);
        LockToken other = LockToken.Parse("////////////////////////"[..21] + "w==");
        string first = Written(template);
        Assert.Contains(other.Value, Written(template, other), StringComparison.Ordinal);
        Assert.Equal(first, Written(template));
    }

    [Fact]
    public void A_key_that_looks_like_a_frame_stays_a_key() => Assert.Equal(
        $"*5\r\n$7\r\nEVALSHA\r\n$40\r\n{RedlockScripts.Release.Sha1}\r\n$1\r\n1\r\n$8\r\n$24\r\n==\0\r\n$24\r\n{OwnerText}\r\n",
        Written(FrameTemplate.Release("$24\r\n==\0"u8, mark: [])));

    private static string Written(FrameTemplate template) => Written(template, _owner);

    private static string Written(FrameTemplate template, LockToken owner)
    {
        byte[] frame = new byte[template.Length];
        template.Write(owner, frame);
        return Encoding.ASCII.GetString(frame);
    }
}
