def vae_arch(config):
    return {
        "block_out_channels": [config["ch"] * multiple for multiple in config["ch_mult"]],
        "layers_per_block": config["num_res_blocks"],
        "latent_channels": config["z_channels"],
    }
