using Microsoft.AspNetCore.Http;
using Posthouse.AspNetCore.Mesh;

namespace Posthouse.Tests.AspNetCore.Mesh;

public sealed class MeshOriginsTests
{
    private readonly MeshOrigins _origins = new(["*", "https://friend.example"]);
    private readonly DefaultHttpContext _context = new() { Request = { Host = new HostString("mesh.example") } };

    [Theory]
    [InlineData("https://friend.example", true, true, true)]
    [InlineData("https://stranger.example", true, false, false)]
    [InlineData("*", true, false, false)]
    [InlineData("null", true, false, false)]
    [InlineData("https://mesh.example", true, true, false)]
    public void Where_all_pages_may_read_still_only_named_ones_may_change_anything(string origin, bool reads, bool changes, bool isPermitted)
    {
        _context.Request.Headers.Origin = origin;
        (_origins.Admits(_context), _origins.AdmitsChange(_context), _origins.AdmitsPreflight(_context)).ShouldBe((reads, changes, isPermitted));
    }

    [Fact]
    public void A_browser_is_told_what_it_may_send()
    {
        _context.Request.Headers.Origin = "https://friend.example";
        _origins.AdmitsPreflight(_context).ShouldBeTrue();
        var headers = _context.Response.Headers;
        (headers.AccessControlAllowOrigin.ToString(), headers.AccessControlAllowMethods.ToString(), headers.AccessControlAllowHeaders.ToString(), headers.Vary.ToString())
            .ShouldBe(("https://friend.example", "POST", "Authorization, Content-Type", "Origin"));
    }
}
