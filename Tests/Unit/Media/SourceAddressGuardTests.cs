using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Subtitles.Media;

namespace Tests.Unit.Media;

public sealed class SourceAddressGuardTests
{
    [Fact]
    public async Task Lets_hosts_pass_that_the_settings_name_and_no_others()
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Media:AllowedHosts:0", "media.internal"), new("Media:AllowedHosts:1", "10.0.0.7")])
            .Build();
        var options = settings.GetSection(MediaOptions.SectionName).Get<MediaOptions>()!;
        var guard = new SourceAddressGuard(Options.Create(options), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.7")]));
        await guard.CheckAsync(new Uri("http://Media.Internal/a.webm"), default);
        await guard.CheckAsync(new Uri("http://10.0.0.7/a.webm"), default);
        await Assert.ThrowsAsync<SourceAddressException>(() => guard.CheckAsync(new Uri("http://other.internal/a.webm"), default));
        await Assert.ThrowsAsync<SourceAddressException>(() => guard.CheckAsync(new Uri("http://10.0.0.8/a.webm"), default));
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    public void Lets_public_addresses_pass(string address) => Assert.True(SourceAddressGuard.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.255")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Refuses_others(string address) => Assert.False(SourceAddressGuard.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("ftp://example.org/a.mp4")]
    [InlineData("file:///etc/passwd")]
    [InlineData("data:video/mp4;base64,AAAA")]
    [InlineData("http://user:secret@example.org/a.mp4")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://[::1]:8080/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    public async Task Refuses_by_the_address_itself(string source)
    {
        var guard = Create((_, _) => throw new InvalidOperationException("No name server should be asked."));
        await Assert.ThrowsAsync<SourceAddressException>(() => guard.CheckAsync(new Uri(source), default));
    }

    [Fact]
    public async Task Refuses_a_name_of_which_one_address_is_private()
    {
        var guard = Create((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("8.8.8.8"), IPAddress.Parse("10.0.0.1")]));
        var failure = await Assert.ThrowsAsync<SourceAddressException>(() =>
            guard.CheckAsync(new Uri("https://media.example/a.mp4"), default)
        );
        Assert.Contains("'media.example' is not on the public internet", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lets_a_public_name_pass_and_all_names_where_that_is_wanted()
    {
        await Create((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("8.8.8.8")]))
            .CheckAsync(new Uri("https://media.example/a.mp4"), default);
        await Create((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), allowPrivate: true)
            .CheckAsync(new Uri("http://localhost/a.mp4"), default);
    }

    [Fact]
    public async Task Says_when_a_name_is_not_known()
    {
        var unknown = Create((_, _) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));
        var failure = await Assert.ThrowsAsync<HostLookupException>(() => unknown.CheckAsync(new Uri("https://nowhere.example/"), default));
        Assert.Equal("The host 'nowhere.example' of the source was not found.", failure.Message);
        var empty = Create((_, _) => Task.FromResult<IPAddress[]>([]));
        await Assert.ThrowsAsync<HostLookupException>(() => empty.CheckAsync(new Uri("https://nowhere.example/"), default));
    }

    private static SourceAddressGuard Create(Func<string, CancellationToken, Task<IPAddress[]>> resolve, bool allowPrivate = false) =>
        new(Options.Create(new MediaOptions { AllowPrivateAddresses = allowPrivate }), resolve);
}
