# Machines on EC2 that set themselves up, one for each student.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_ssm_parameter" "image" {
  for_each = local.images
  name     = each.value
}

# One for each set of ports that is in use, and no port 22: nobody has to log in.
resource "aws_security_group" "web" {
  for_each    = toset(values(local.ports))
  name_prefix = "bootseed-${each.value}-"
  description = "Lets web requests in, and nothing else"

  dynamic "ingress" {
    for_each = each.value == "none" ? [] : split("-", each.value)
    content {
      description = "Web"
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# No key_name: there is no key pair.
resource "aws_instance" "machine" {
  for_each               = var.machines
  ami                    = data.aws_ssm_parameter.image[each.value.image].insecure_value
  instance_type          = var.instance_type
  vpc_security_group_ids = [aws_security_group.web[local.ports[each.key]].id]

  # Takes text and gzip. A changed machine is a new one: cloud-init does not run again on the old.
  user_data_base64            = each.value.user_data_base64
  user_data_replace_on_change = true

  root_block_device {
    volume_size = each.value.volume_gb
    volume_type = "gp3"
  }

  metadata_options {
    http_tokens = "required"
  }

  tags = {
    Name = each.value.name
  }

  lifecycle {
    # A newer image is no reason to replace a machine.
    ignore_changes = [ami]
  }
}

output "addresses" {
  value = { for name, machine in aws_instance.machine : name => machine.public_ip }
}
